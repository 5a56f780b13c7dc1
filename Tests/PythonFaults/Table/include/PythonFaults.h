// For tests: lets the n-th call that the engine makes into CPython fail as if memory had run out.
#pragma once

/// Puts itself between the engine and CPython, and makes `import faults` work: `arm(n)` lets the n-th call from then on
/// fail, of those that can; `disarm()` answers how many there were and the name of the one that failed. Expects the
/// interpreter's lock. Answers 0, or -1 with an exception set.
int instar_python_faults_install(void);
