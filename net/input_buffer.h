// InputBuffer: what was read from a connection and not yet understood. Loop only.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace waypost {

class InputBuffer {
 public:
  std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t size) {
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Free room of at least half of `want`; keeps what is there.
  std::span<char> room(std::size_t want = kSmall) {
    if (capacity_ - end_ < want / 2) make_room(want);
    return {bytes_.get() + end_, capacity_ - end_};
  }
  void added(std::size_t size) { end_ += size; }

  // Gives back what a large body needed. Only when empty.
  void shrink() {
    if (capacity_ > kSmall && empty()) *this = InputBuffer();
  }

 private:
  static constexpr std::size_t kSmall = 4096;  // a webhook with its head; also what an idle connection holds

  void make_room(std::size_t want) {
    const auto held = end_ - begin_;
    const auto capacity = std::max(capacity_, held + want);
    auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
    if (held > 0) std::memcpy(bytes.get(), bytes_.get() + begin_, held);
    bytes_ = std::move(bytes);
    capacity_ = capacity;
    begin_ = 0;
    end_ = held;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace waypost
