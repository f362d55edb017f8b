// Retention of media: rows that are old go, uploads that are old and that no message waits for, and then the files that
// no row of any workspace names any more; each in small bulk units. Thread that may block.

#pragma once

#include <chrono>

#include "base/error.h"
#include "media/folder.h"
#include "sql/database.h"

namespace waypost::media {

struct Dropped {
  std::size_t rows = 0;
  std::size_t files = 0;
};
Result<Dropped> drop_outlived_media(sql::Database& database, const MediaFolder& folder, std::chrono::days kept,
                                    Time now);

}  // namespace waypost::media
