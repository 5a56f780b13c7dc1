// The driver's commands follow with the fault matrix.
