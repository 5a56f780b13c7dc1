// Swift cannot call C's variadic functions; each inline function below is one argument type of one of them.
#pragma once
#include <curl/curl.h>
