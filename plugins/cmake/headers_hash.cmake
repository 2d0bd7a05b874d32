# tickcast_headers_hash(RESULT header...)
#
# The hash over the public headers that is part of the fingerprint (tickcast/abi.hpp), in RESULT.
function(tickcast_headers_hash result)
  set(all_hashes "")
  foreach(header IN LISTS ARGN)
    file(SHA256 "${header}" header_hash)
    string(APPEND all_hashes "${header_hash}")
  endforeach()
  string(SHA256 hash "${all_hashes}")
  string(SUBSTRING "${hash}" 0 16 hash)
  set(${result} "${hash}" PARENT_SCOPE)
endfunction()
