# Under a sanitizer the headers that most sources include are compiled once, for they are most of the time. Not in an
# ordinary build, so that no source forgets an include.
function(actorcore_precompile target)
  if(ACTORCORE_SANITIZE)
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <atomic> <memory> <span> <string> <string_view>
      <vector> <absl/synchronization/mutex.h>)
  endif()
endfunction()

# actorcore_layer(NAME [DEPENDS lower...] [LIBRARIES found...] [SOURCES files...])
#
# SOURCES are relative to the layer's folder; a layer without any is headers only. A layer that is not yet defined
# cannot be named, so a cycle cannot be written.
function(actorcore_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 layer "" "" "DEPENDS;LIBRARIES;SOURCES")
  if(layer_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "actorcore_layer(${name}): what is ${layer_UNPARSED_ARGUMENTS}?")
  endif()
  foreach(lower IN LISTS layer_DEPENDS)
    if(NOT TARGET actorcore_${lower})
      message(FATAL_ERROR "actorcore_layer(${name}): ${lower} is not defined yet, so ${name} may not depend on it")
    endif()
  endforeach()
  list(TRANSFORM layer_DEPENDS PREPEND actorcore_)
  list(TRANSFORM layer_SOURCES PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/${name}/)
  if(layer_SOURCES)
    add_library(actorcore_${name} OBJECT ${layer_SOURCES})
    set(visible PUBLIC)
  else()
    add_library(actorcore_${name} INTERFACE)
    set(visible INTERFACE)
  endif()
  target_include_directories(actorcore_${name} ${visible} ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
  target_link_libraries(actorcore_${name} ${visible} actorcore_flags ${layer_DEPENDS} ${layer_LIBRARIES})
  target_link_libraries(actorcore_layers PUBLIC actorcore_${name})
  if(layer_SOURCES)
    actorcore_precompile(actorcore_${name})
  endif()
endfunction()
