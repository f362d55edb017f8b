// The members of a JSON object, written straight into text: for what is told by the ten thousand a second. To build a
// Json first and dump it costs several times as much. Any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"

namespace waypost {

class JsonMembers {
 public:
  // `key` is written as it is: ours, without anything to escape. Of a text what is not UTF-8 becomes U+FFFD, as in
  // dump().
  void put(std::string_view key, std::string_view text);
  void put(std::string_view key, std::int64_t number);
  void put(std::string_view key, Time at);
  template <class Tag>
  void put(std::string_view key, const Id<Tag>& id) {
    put_plain(key, id.text());
  }
  template <class T>
  void put(std::string_view key, const std::optional<T>& value) {
    value ? put(key, *value) : put_raw(key, "null");
  }
  void put_json(std::string_view key, const Json& json) { put_raw(key, dump(json)); }

  // What was put, in that order, without braces: "\"id\":7,\"name\":null".
  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view key);
  void put_raw(std::string_view key, std::string_view json);
  void put_plain(std::string_view key, std::string_view text);  // a text without anything to escape

  std::string text_;
};

// The same as a Json, for what is told both ways by one function.
class JsonObject {
 public:
  template <class T>
  void put(std::string_view key, const std::optional<T>& value) {
    value ? put(key, *value) : put_json(key, Json());
  }
  template <class Tag>
  void put(std::string_view key, const Id<Tag>& id) {
    put_json(key, id.text());
  }
  void put(std::string_view key, std::string_view text) { put_json(key, text); }
  void put(std::string_view key, std::int64_t number) { put_json(key, number); }
  void put(std::string_view key, Time at) { put_json(key, iso8601(at)); }
  void put_json(std::string_view key, Json json) { json_[std::string(key)] = std::move(json); }

  Json take() { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

}  // namespace waypost
