#pragma once
#include <string>
#include <string_view>

namespace tickcast::net {

/// `bytes` as a gzip member (RFC 1952); `level` as zlib's, 1 to 9. Throws std::runtime_error when zlib fails.
std::string gzip(std::string_view bytes, int level);

}  // namespace tickcast::net
