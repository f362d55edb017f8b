// WAYPOST_CHECK states what we believe of our own state; false stops the process, also in release. Never for input.

#pragma once

#include <cstdio>
#include <cstdlib>

#define WAYPOST_CHECK(condition)                                                     \
  do {                                                                               \
    if (!(condition)) {                                                              \
      std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                  \
    }                                                                                \
  } while (false)
