// Recipients as a CSV file brings them: a header with one of phone, userId and contactId at least, perhaps name, and
// columns of parameters; then a row each. Pure; any thread.

#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/broadcast_recipients.h"

namespace waypost::api {

inline constexpr std::size_t kMostCsvRows = 1'000;  // of one request: one transaction
inline constexpr std::size_t kMostCsvFaults = 100;  // told at once

struct CsvRecipient {
  std::size_t line = 0;
  store::NamedRecipient recipient{};
};
// InvalidInput with a field for every fault: "line 7", "line 1" for the header.
Result<std::vector<CsvRecipient>> read_recipient_csv(std::string_view text);

FieldError csv_fault(std::size_t line, std::string words);

}  // namespace waypost::api
