// Turns: what waits, by owner. Owners take turns, one item each; an owner's items keep their order. Not thread-safe.

#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <unordered_map>
#include <utility>

namespace waypost {

template <class Owner, class Item>
class Turns {
 public:
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t owners() const { return ring_.size(); }
  std::size_t waiting(const Owner& owner) const {
    const auto line = lines_.find(owner);
    return line == lines_.end() ? 0 : line->second.items.size();
  }

  void put(const Owner& owner, Item item) {
    line_of(owner, ring_.end()).items.push_back(std::move(item));
    ++size_;
  }
  // Of the owner whose turn it is; it is last then. There is one: !empty().
  Item take() {
    const auto line = lines_.find(ring_.front());
    Item item = std::move(line->second.items.front());
    line->second.items.pop_front();
    --size_;
    if (line->second.items.empty()) {
      ring_.pop_front();
      lines_.erase(line);
    } else {
      ring_.splice(ring_.end(), ring_, ring_.begin());
    }
    return item;
  }
  // What was taken and not dealt with is its owner's first again, and the owner is next. The last taken goes back
  // first.
  void give_back(const Owner& owner, Item item) {
    Line& line = line_of(owner, ring_.begin());
    line.items.push_front(std::move(item));
    ring_.splice(ring_.begin(), ring_, line.place);
    ++size_;
  }
  // All that waits of an owner stands in `to` then, behind what it has there.
  void move_line(const Owner& owner, Turns& to) {
    const auto line = lines_.find(owner);
    if (line == lines_.end()) return;
    size_ -= line->second.items.size();
    for (Item& item : line->second.items) to.put(owner, std::move(item));
    ring_.erase(line->second.place);
    lines_.erase(line);
  }

 private:
  struct Line {
    std::deque<Item> items;
    typename std::list<Owner>::iterator place;
  };

  Line& line_of(const Owner& owner, typename std::list<Owner>::iterator before) {
    const auto [line, is_new] = lines_.try_emplace(owner);
    if (is_new) line->second.place = ring_.insert(before, owner);
    return line->second;
  }

  std::unordered_map<Owner, Line> lines_;
  std::list<Owner> ring_;  // whose turn it is stands first
  std::size_t size_ = 0;
};

}  // namespace waypost
