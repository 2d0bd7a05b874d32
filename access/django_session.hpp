#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/identity.hpp"
#include "config/config.hpp"

/// Sessions as Django writes them.
namespace tickcast::access {

/// Whether it can be the key of a session: letters and digits, 8 to 64 of them. Nothing else is looked up.
bool is_session_key(std::string_view cookie) noexcept;

/// Where the cache keeps a session: `KEY_PREFIX:VERSION:SESSION_PREFIX+key`, as Django's make_key has it.
std::string cache_key(const config::django_section& settings, std::string_view session_key);

/// Whose session this is. `bytes`: JSON, or a pickle of data alone (pickle.hpp). Without `_auth_user_id` it
/// is somebody who has not signed in. `_auth_user_hash`, which changes with the password, cannot be checked
/// without Django's database.
verdict read_session(const config::django_section& settings, std::string_view bytes, std::int64_t expires_us);

/// SECRET_KEY first, then its fallbacks: a line each, empty ones left out. Throws std::runtime_error when
/// there is none.
std::vector<std::string> read_secret_keys(std::string_view text);

/// Reads a session that lies in the cookie itself: checks signature and age as django.core.signing does
/// (TimestampSigner, HMAC-SHA256 by a key derived from salt and secret, optional zlib, base64 without
/// padding).
/// https://github.com/django/django/blob/3.2/django/core/signing.py
verdict read_signed_cookie(const config::django_section& settings, std::string_view cookie,
                           const std::vector<std::string>& secrets, std::int64_t now_us);

}  // namespace tickcast::access
