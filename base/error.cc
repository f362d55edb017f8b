#include "base/error.h"

namespace waypost {

std::string_view name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::InvalidInput:
      return "invalid_input";
    case ErrorKind::Unauthorised:
      return "unauthorised";
    case ErrorKind::Forbidden:
      return "forbidden";
    case ErrorKind::NotFound:
      return "not_found";
    case ErrorKind::Conflict:
      return "conflict";
    case ErrorKind::RateLimited:
      return "rate_limited";
    case ErrorKind::Unavailable:
      return "unavailable";
    case ErrorKind::Rejected:
      return "rejected";
    case ErrorKind::Internal:
      return "internal";
  }
}

Error Error::during(std::string_view doing) && {
  words_.insert(0, std::string(doing) + ": ");
  return std::move(*this);
}

}  // namespace waypost
