#include "workflow/rehearsal.h"

#include <algorithm>
#include <chrono>
#include <deque>

#include "base/or_null.h"
#include "net/within.h"
#include "workflow/scope.h"

namespace waypost::workflow {
namespace {

// More than a run of as many steps as it may take can need.
constexpr int kMostSprints = 1'000;

Json complaint_json(const std::optional<store::Complaint>& complaint) {
  return complaint ? Json{{"code", complaint->code}, {"message", complaint->words}} : Json();
}

std::string_view status_of(const Plan& plan) {
  if (plan.failure) return "failed";
  if (plan.call) return "running";
  return plan.wait ? "waiting" : "completed";
}

Json step_json(const PlannedStep& step) {
  const auto& plan = step.plan;
  return {{"nodeId", step.node_id},         {"nodeType", step.node_type},
          {"status", status_of(plan)},      {"input", plan.input},
          {"output", plan.output},          {"usage", plan.usage},
          {"handle", or_null(plan.handle)}, {"error", complaint_json(plan.failure)}};
}

class Rehearsal {
 public:
  Rehearsal(Outside& outside, DraftTest test)
      : outside_(outside), test_(std::move(test)), replies_(test_.replies.begin(), test_.replies.end()) {
    state_.trigger = test_.trigger;
  }

  awaitable<Json> run() {
    end_ = std::chrono::steady_clock::now() + kTestTime;
    std::optional<Cause> cause = Entered{};
    for (int sprint = 0; cause && sprint < kMostSprints; ++sprint) {
      if (std::chrono::steady_clock::now() > end_) {
        error_ = store::Complaint{.code = "test_too_long", .words = "a test may take a minute"};
        break;
      }
      cause = co_await take(*std::move(cause));
    }
    co_return report();
  }

 private:
  // Nothing: the test has ended.
  awaitable<std::optional<Cause>> take(Cause cause) {
    auto sprint = plan_sprint(test_.graph, situation(std::move(cause)), test_.limits);
    for (const auto& step : sprint.steps) keep(step);
    state_ = sprint.state;
    position_ = sprint.next;
    error_ = sprint.failure;
    if (sprint.failure || !sprint.next) co_return std::nullopt;
    if (!state_.stop) co_return Entered{};
    const auto& plan = sprint.steps.back().plan;
    if (plan.call) co_return co_await answer(*plan.call);
    co_return after_wait(*plan.wait);
  }

  awaitable<Cause> answer(OutsideCall call) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    call.timeout = std::clamp(left, std::chrono::milliseconds(1), call.timeout);
    const auto talk = test_.is_real ? std::optional(test_.conversation.id) : std::nullopt;
    auto tried = co_await outside_.ask({.tenant = test_.run.tenant, .conversation = talk, .call = std::move(call)});
    co_return std::move(tried.answer);
  }

  std::optional<Cause> after_wait(const WaitFor& wait) {
    if (!wait.reply) return TimeUp{};
    if (replies_.empty()) {
      waits_ = true;
      return std::nullopt;
    }
    auto reply = std::move(replies_.front());
    replies_.pop_front();
    if (!reply) return TimeUp{};
    return Reply{.message = *std::move(reply)};
  }

  Situation situation(Cause cause) const {
    return {.position = position_.value_or(test_.graph.entry),
            .steps = static_cast<std::int64_t>(steps_.size()),
            .scope = scope_of({.contact = test_.contact,
                               .conversation = test_.conversation,
                               .message = test_.message ? &*test_.message : nullptr,
                               .time_zone = test_.time_zone,
                               .now = test_.now},
                              test_.run, state_),
            .state = state_,
            .cause = std::move(cause),
            .now = test_.now,
            .sent_texts = {},
            .counts = {}};
  }

  void keep(const PlannedStep& step) {
    auto json = step_json(step);
    if (step.open && !steps_.empty()) {
      auto input = steps_.back().at("input");
      input.update(json["input"]);
      json["input"] = std::move(input);
      steps_.back() = std::move(json);
    } else {
      steps_.push_back(std::move(json));
    }
    for (const auto& effect : step.plan.effects) take_effect(step.node_id, effect);
  }

  void take_effect(const std::string& node, const Effect& effect) {
    if (const auto* send = std::get_if<SendEffect>(&effect)) {
      sends_.push_back(
          {{"nodeId", node}, {"type", send->type}, {"text", or_null(send->text)}, {"content", send->content}});
    } else if (const auto* field = std::get_if<SetFieldEffect>(&effect)) {
      set_field(field->owner == FieldOwner::Contact ? test_.contact.fields : test_.conversation.fields, *field);
    } else if (const auto* tag = std::get_if<TagEffect>(&effect)) {
      set_tag(test_.contact.tags, *tag);
    } else if (std::holds_alternative<HandoffEffect>(effect)) {
      test_.conversation.status = "handoff";
    }
  }

  Json report() const {
    const char* ended = waits_ ? "waiting" : "completed";
    return {{"status", error_ ? "failed" : ended},
            {"error", complaint_json(error_)},
            {"steps", steps_},
            {"sends", sends_},
            {"contact", {{"fields", test_.contact.fields}, {"tags", test_.contact.tags}}},
            {"conversation", {{"status", test_.conversation.status}, {"fields", test_.conversation.fields}}}};
  }

  Outside& outside_;
  DraftTest test_;
  std::deque<std::optional<Json>> replies_;
  RunState state_;
  std::optional<std::string> position_;
  std::optional<store::Complaint> error_;
  Json steps_ = Json::array();
  Json sends_ = Json::array();
  bool waits_ = false;
  std::chrono::steady_clock::time_point end_;  // of its time
};

}  // namespace

awaitable<Result<Json>> test_draft(Outside& outside, CallPlaces& places, DraftTest test) {
  const auto tenant = test.run.tenant;
  if (!places.take(tenant)) co_return fail(ErrorKind::RateLimited, "other tests are under way: try again in a minute");
  Rehearsal rehearsal(outside, std::move(test));
  auto told = co_await caught(rehearsal.run());
  places.give_back(tenant);
  if (told.second) std::rethrow_exception(told.second);
  co_return *std::move(told.first);
}

}  // namespace waypost::workflow
