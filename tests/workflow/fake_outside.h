// FakeOutside: somebody outside who answers what the test says, at once or when it says so. Loop only.
//
//   shop.outside.answers({.value = {{"status", 200}}});
//   shop.outside.hold();             // asks stay out …
//   shop.outside.let_go();           // … until now

#pragma once

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <utility>
#include <vector>

#include "workflow/outside.h"

namespace waypost::test {

class FakeOutside final : public workflow::Outside {
 public:
  // The next one that is asked gets the first of these; with none left, a 200 without a body.
  void answers(workflow::CallAnswer answer) { tries_.push_back({.answer = std::move(answer)}); }
  void tries(workflow::OutsideTry tried) { tries_.push_back(std::move(tried)); }
  void hold() { held_ = true; }
  void let_go() {
    held_ = false;
    for (auto* timer : waiting_) timer->cancel();
  }

  awaitable<workflow::OutsideTry> ask(workflow::OutsideAsk ask) override {
    asked.push_back(std::move(ask));
    workflow::OutsideTry tried{.answer = {.value = {{"status", 200}, {"headers", Json::object()}, {"body", nullptr}}}};
    if (!tries_.empty()) {
      tried = std::move(tries_.front());
      tries_.pop_front();
    }
    if (held_) co_await wait();
    co_return tried;
  }

  std::vector<workflow::OutsideAsk> asked;

 private:
  awaitable<void> wait() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    waiting_.push_back(&timer);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    std::erase(waiting_, &timer);
  }

  std::deque<workflow::OutsideTry> tries_;
  std::vector<asio::steady_timer*> waiting_;
  bool held_ = false;
};

}  // namespace waypost::test
