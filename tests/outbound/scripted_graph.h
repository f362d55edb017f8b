// ScriptedGraph: a GraphClient that answers what a test says, in order, and keeps what it was asked. Loop only.

#pragma once

#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "graph/client.h"
#include "net/loop.h"

namespace waypost::test {

class ScriptedGraph final : public GraphClient {
 public:
  // Answers the next send; without one, an acceptance with a wamid of its own.
  void answers(SendAnswer answer) { next_.push_back(std::move(answer)); }
  void answers(std::int64_t code) {
    const auto action = judge_error({.code = code, .http_status = 400});
    answers(Refused{.why = Error(ErrorKind::Rejected, "Meta's words"), .action = action, .code = code});
  }
  void loses_the_answer() { answers(Unclear{.why = Error(ErrorKind::Unavailable, "connection reset")}); }
  void is_unreachable() {
    answers(Refused{.why = Error(ErrorKind::Unavailable, "connection refused"), .action = GraphAction::Retry});
  }
  // Runs while the next POST is under way: after the send was committed, before its answer.
  void meanwhile(std::function<void()> work) { meanwhile_ = std::move(work); }
  // How long a POST takes by the loop's own clock.
  void takes(std::chrono::milliseconds time) { takes_ = time; }

  awaitable<SendExchange> post_message(GraphAccess number, Json message) override {
    posts.push_back({number.id, number.token.reveal(), std::move(message)});
    const auto place = posts.size();
    SendExchange exchange{.answer = next_answer(place), .trace = {{"method", "POST"}, {"number", place}}};
    if (auto work = std::exchange(meanwhile_, nullptr)) work();
    if (takes_.count() > 0) co_await sleep_for(takes_);
    co_return exchange;
  }
  awaitable<Result<void>> post_mark(GraphAccess number, Json mark) override {
    marks.push_back({number.id, number.token.reveal(), std::move(mark)});
    co_return mark_answer;
  }
  awaitable<Result<TemplatePage>> list_templates(GraphAccess, std::string after) override {
    listed_behind.push_back(std::move(after));
    if (pages.empty()) co_return fail(ErrorKind::Unavailable, "nothing scripted");
    auto page = std::move(pages.front());
    pages.pop_front();
    co_return page;
  }

  struct Posted {
    std::string number{};
    std::string token{};
    Json message{};
  };
  std::vector<Posted> posts;
  std::vector<Posted> marks;
  Result<void> mark_answer{};
  std::deque<Result<TemplatePage>> pages;
  std::vector<std::string> listed_behind;

 private:
  SendAnswer next_answer(std::size_t place) {
    if (next_.empty()) return Accepted{.wamid = "wamid." + std::to_string(place)};
    auto answer = std::move(next_.front());
    next_.pop_front();
    return answer;
  }

  std::deque<SendAnswer> next_;
  std::function<void()> meanwhile_;
  std::chrono::milliseconds takes_{0};
};

}  // namespace waypost::test
