#include "sql/postgres_wire.h"

#include <bit>
#include <cstring>
#include <utility>

#include "sql/connection.h"

namespace waypost::sql {
namespace {

constexpr TypeNumber kBool = 16;
constexpr TypeNumber kBytea = 17;
constexpr TypeNumber kName = 19;
constexpr TypeNumber kInt8 = 20;
constexpr TypeNumber kInt2 = 21;
constexpr TypeNumber kInt4 = 23;
constexpr TypeNumber kText = 25;
constexpr TypeNumber kJson = 114;
constexpr TypeNumber kBlankPadded = 1042;
constexpr TypeNumber kVarchar = 1043;
constexpr TypeNumber kVoid = 2278;
constexpr TypeNumber kUuid = 2950;
constexpr TypeNumber kJsonb = 3802;

constexpr char kJsonbVersion = '\1';

template <class Number>
void put(std::string& bytes, Number number) {
  const auto swapped = std::byteswap(number);
  bytes.append(reinterpret_cast<const char*>(&swapped), sizeof swapped);
}

std::string big_endian(std::int64_t number) {
  std::string bytes;
  put(bytes, number);
  return bytes;
}

// Of 2, 4 or 8 bytes; the first one carries the sign.
std::int64_t number_of(std::string_view bytes) {
  std::int64_t number = bytes.empty() ? 0 : static_cast<signed char>(bytes.front());
  for (const char byte : bytes.substr(bytes.empty() ? 0 : 1)) {
    const auto low = static_cast<unsigned char>(byte);
    number = static_cast<std::int64_t>((static_cast<std::uint64_t>(number) << 8) | low);
  }
  return number;
}

Cell text_cell(std::string_view bytes) { return {.kind = Cell::Kind::Text, .number = 0, .text = std::string(bytes)}; }
Cell number_cell(std::int64_t number) { return {.kind = Cell::Kind::Number, .number = number, .text = {}}; }

// https://www.postgresql.org/docs/15/, array_send: dimensions, whether nulls may follow, the items' type, and of the
// one dimension its length and lower bound; then each item's length (-1: null) and bytes.
std::string array_bytes(const Value& array) {
  const WireValues items(array.items());
  std::string bytes;
  put(bytes, std::int32_t{array.items().empty() ? 0 : 1});
  put(bytes, std::int32_t{1});
  put(bytes, std::uint32_t{type_number(array.type())});
  if (array.items().empty()) return bytes;
  put(bytes, std::int32_t{items.count()});
  put(bytes, std::int32_t{1});
  items.append_to(bytes);
  return bytes;
}

void refuse_nul(std::string_view text) {
  if (text.contains('\0')) throw Fault(FaultKind::Data, "a text holds a NUL");
}

}  // namespace

TypeNumber type_number(Type type) {
  switch (type) {
    case Type::Bigint:
      return kInt8;
    case Type::Boolean:
      return kBool;
    case Type::Text:
      return kText;
    case Type::Uuid:
      return kUuid;
    case Type::Json:
      return kJsonb;
    case Type::Bytes:
      return kBytea;
  }
}

TypeNumber array_type_number(Type of) {
  switch (of) {
    case Type::Bigint:
      return 1016;
    case Type::Boolean:
      return 1000;
    case Type::Text:
      return 1009;
    case Type::Uuid:
      return 2951;
    case Type::Json:
      return 3807;
    case Type::Bytes:
      return 1001;
  }
}

WireValues::WireValues(std::span<const Value> values) {
  types_.reserve(values.size());
  starts_.reserve(values.size());
  sizes_.reserve(values.size());
  formats_.reserve(values.size());
  owned_.reserve(values.size());  // never moved: starts_ points into it
  for (const Value& value : values) add(value);
}

void WireValues::add(const Value& value) {
  types_.push_back(value.is_array() ? array_type_number(value.type()) : type_number(value.type()));
  if (value.is_array()) return own(array_bytes(value));
  if (value.is_null()) return add_null();
  switch (value.type()) {
    case Type::Bigint:
      return own(big_endian(value.number()));
    case Type::Boolean:
      return own(std::string(1, value.number() != 0 ? '\1' : '\0'));
    case Type::Text:
      refuse_nul(value.text());
      return borrow(value.text());
    case Type::Json:
      refuse_nul(value.text());
      return own(kJsonbVersion + std::string(value.text()));
    case Type::Bytes:
      return borrow(value.text());
    case Type::Uuid: {
      const auto& bytes = value.uuid().bytes;
      return borrow({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
  }
}

void WireValues::add(TypeNumber type, std::optional<std::string_view> bytes) {
  types_.push_back(type);
  if (!bytes) return add_null();
  borrow(*bytes);
}

void WireValues::append_to(std::string& bytes) const {
  for (std::size_t at = 0; at < starts_.size(); ++at) {
    put(bytes, starts_[at] == nullptr ? std::int32_t{-1} : std::int32_t{sizes_[at]});
    if (starts_[at] != nullptr) bytes.append(starts_[at], static_cast<std::size_t>(sizes_[at]));
  }
}

void WireValues::add_null() {
  starts_.push_back(nullptr);
  sizes_.push_back(0);
  formats_.push_back(1);
}

// A null pointer would be null; an empty text is none.
void WireValues::borrow(std::string_view bytes) {
  starts_.push_back(bytes.data() == nullptr ? "" : bytes.data());
  sizes_.push_back(static_cast<int>(bytes.size()));
  formats_.push_back(1);
}

void WireValues::own(std::string bytes) {
  owned_.push_back(std::move(bytes));
  borrow(owned_.back());
}

Cell decoded(TypeNumber type, std::string_view bytes) {
  switch (type) {
    case kBool:
    case kInt2:
    case kInt4:
    case kInt8:
      return number_cell(number_of(bytes));
    case kText:
    case kVarchar:
    case kBlankPadded:
    case kName:
    case kJson:
    case kUuid:
    case kBytea:
      return text_cell(bytes);
    case kJsonb:
      return text_cell(bytes.substr(bytes.empty() ? 0 : 1));
    case kVoid:
      return {};
    default:
      throw Fault(FaultKind::Data, "a column has PostgreSQL's type " + std::to_string(type) + ", which is not in use");
  }
}

}  // namespace waypost::sql
