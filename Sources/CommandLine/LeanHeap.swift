internal import CPlatform

/// For commands that go through much data on many threads: the process is all Instar's, so its heap may be told to give back what
/// is free. A game's own process is not touched.
func useLeanHeap() { instar_lean_heap() }

/// Gives back what the last step used and the next one does not need.
func trimHeap() { instar_trim_heap() }
