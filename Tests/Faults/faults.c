#include "CFaults.h"
