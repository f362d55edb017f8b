# Refuses a compiler that destroys temporaries of an awaiting statement twice (g++ 12 and older do).
message(CHECK_START "Temporaries of an awaiting statement are destroyed once")
try_run(WAYPOST_TEMPORARIES_RUN WAYPOST_TEMPORARIES_COMPILED
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/coroutine_temporaries.cc
  CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
  COMPILE_OUTPUT_VARIABLE words)
if(NOT WAYPOST_TEMPORARIES_COMPILED)
  message(FATAL_ERROR "${CMAKE_CXX_COMPILER} cannot compile C++23 coroutines:\n${words}")
endif()
if(NOT WAYPOST_TEMPORARIES_RUN EQUAL 0)
  message(FATAL_ERROR
    "${CMAKE_CXX_COMPILER} (${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}) destroys temporaries of a statement "
    "with co_await twice (probe: ${WAYPOST_TEMPORARIES_RUN}). Use clang 19: cmake --preset dev")
endif()
message(CHECK_PASS "yes")
