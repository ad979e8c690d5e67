# Finds moodycamel's ConcurrentQueue, whose Debian package has no CMake config: Concurrentqueue::Concurrentqueue.
find_path(Concurrentqueue_INCLUDE_DIR concurrentqueue/concurrentqueue.h)
mark_as_advanced(Concurrentqueue_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Concurrentqueue REQUIRED_VARS Concurrentqueue_INCLUDE_DIR)

if(Concurrentqueue_FOUND AND NOT TARGET Concurrentqueue::Concurrentqueue)
  add_library(Concurrentqueue::Concurrentqueue INTERFACE IMPORTED)
  target_include_directories(Concurrentqueue::Concurrentqueue INTERFACE ${Concurrentqueue_INCLUDE_DIR})
endif()
