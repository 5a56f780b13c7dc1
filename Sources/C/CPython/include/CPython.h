// The part of CPython's stable ABI that Instar calls, declared without Python.h: functions are found by name at run time.
#pragma once
