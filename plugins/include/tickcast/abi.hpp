#pragma once
#include <cstdint>
#include <version>

#include "tickcast/headers_hash.hpp"

/// What a plugin was built with. The engine reads it before anything else of the library and compares it,
/// field by field, with its own: C++ objects cross between the two, and both must see them alike.

/// Rises whenever a plugin's interface changes.
#define TICKCAST_PLUGIN_API 2

#define TICKCAST_ABI_TEXT_(x) #x
#define TICKCAST_ABI_TEXT(x) TICKCAST_ABI_TEXT_(x)

#if defined(__clang__)
#define TICKCAST_ABI_COMPILER \
  "clang " TICKCAST_ABI_TEXT(__clang_major__) "." TICKCAST_ABI_TEXT(__clang_minor__)
#else
#define TICKCAST_ABI_COMPILER "gcc " TICKCAST_ABI_TEXT(__GNUC__) "." TICKCAST_ABI_TEXT(__GNUC_MINOR__)
#endif

#if defined(_LIBCPP_VERSION)
#define TICKCAST_ABI_LIBRARY "libc++ " TICKCAST_ABI_TEXT(_LIBCPP_VERSION)
#else
#define TICKCAST_ABI_LIBRARY \
  "libstdc++ " TICKCAST_ABI_TEXT(_GLIBCXX_RELEASE) " cxx11=" TICKCAST_ABI_TEXT(_GLIBCXX_USE_CXX11_ABI)
#endif

#if defined(__SANITIZE_ADDRESS__)
#define TICKCAST_ABI_SANITIZER "+address"
#elif defined(__SANITIZE_THREAD__)
#define TICKCAST_ABI_SANITIZER "+thread"
#else
#define TICKCAST_ABI_SANITIZER ""
#endif
#if defined(_GLIBCXX_DEBUG)
#define TICKCAST_ABI_CONTAINERS "+debug containers"
#else
#define TICKCAST_ABI_CONTAINERS ""
#endif
#if defined(NDEBUG)
#define TICKCAST_ABI_BUILD "release" TICKCAST_ABI_SANITIZER TICKCAST_ABI_CONTAINERS
#else
#define TICKCAST_ABI_BUILD "debug" TICKCAST_ABI_SANITIZER TICKCAST_ABI_CONTAINERS
#endif

/// Plain data, so that it can be read whatever the rest is. Texts end in 0.
struct tickcast_plugin_abi_record {
  char magic[16];             ///< "tickcast plugin"
  std::uint32_t size;         ///< of this record
  std::uint32_t api;          ///< TICKCAST_PLUGIN_API
  char compiler[64];          ///< "gcc 12.2"
  char standard_library[64];  ///< "libstdc++ 12 cxx11=1"
  char build[64];             ///< "release", "debug", with "+address" and the like
  char headers[72];           ///< hash over the public headers
  char caf[16];               ///< CAF's version, for plugins with a CAF behavior; others leave it empty
};

/// The record of whoever compiles this line. `caf_version`: "" or CAF's.
#define TICKCAST_ABI_RECORD(caf_version)                                                               \
  {                                                                                                    \
    "tickcast plugin", sizeof(tickcast_plugin_abi_record), TICKCAST_PLUGIN_API, TICKCAST_ABI_COMPILER, \
        TICKCAST_ABI_LIBRARY, TICKCAST_ABI_BUILD, TICKCAST_PLUGIN_HEADERS, caf_version                 \
  }
