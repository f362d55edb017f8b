#include "tests/support/sandbox_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <future>
#include <utility>

#include "base/check.h"
#include "net/spawn.h"

namespace waypost {
namespace {

std::string program_path() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "waypost-sandbox";
}

std::string first_line(int descriptor) {
  std::string line;
  char c = 0;
  while (::read(descriptor, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

struct Started {
  pid_t pid = -1;
  std::string line;  // the first it printed
};

Started start(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<int, 2> pipe{};
  WAYPOST_CHECK(::pipe2(pipe.data(), O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
  Started started;
  WAYPOST_CHECK(::posix_spawn(&started.pid, arguments[0], &actions, nullptr, arguments.data(), environ) == 0);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[1]);
  started.line = first_line(pipe[0]);
  ::close(pipe[0]);
  return started;
}

awaitable<void> ask_into(HttpClient* client, ClientRequest request, std::promise<Json>* answer) {
  const auto got = co_await client->ask(std::move(request));
  auto json = got ? parse_json(got->body) : Result<Json>(Json());
  answer->set_value(json ? *std::move(json) : Json());
}

}  // namespace

SandboxProcess::SandboxProcess(std::vector<std::string> options)
    : client_(HttpClient::make(loop_.executor(), ClientSettings{})) {
  std::vector<std::string> words = {program_path(), "--listen", "127.0.0.1:0"};
  words.insert(words.end(), options.begin(), options.end());
  auto started = start(std::move(words));
  pid_ = started.pid;
  const auto line = parse_json(started.line);
  WAYPOST_CHECK(line && find_text(*line, "url"));
  url_ = text_or_empty(*line, "url");
}

SandboxProcess::~SandboxProcess() {
  stop();
  std::promise<void> closed;
  loop_.post([this, &closed] {
    client_.reset();
    closed.set_value();
  });
  closed.get_future().wait();
}

int SandboxProcess::stop() {
  if (pid_ <= 0) return -1;
  ::kill(pid_, SIGTERM);
  int status = 0;
  ::waitpid(std::exchange(pid_, -1), &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Json SandboxProcess::ask(const std::string& method, const std::string& path, const Json& body) {
  ClientRequest request;
  request.method = method;
  request.url = url_ + path;
  if (!body.is_null()) request.body = dump(body);
  request.body_limit = 256 << 20;
  std::promise<Json> answer;
  loop_.post([this, request = std::move(request), &answer]() mutable {
    spawn(loop_.executor(), "sandbox client", ask_into(client_.get(), std::move(request), &answer));
  });
  return answer.get_future().get();
}

std::string SandboxProcess::customer_writes(const std::string& phone, const std::string& text) {
  return text_or_empty(post("/control/customers/" + phone + "/messages", {{"text", text}}), "wamid");
}

bool SandboxProcess::set_webhook(const std::string& url, const std::string& verify_token) {
  const auto answer = post("/control/webhook", {{"url", url}, {"verify_token", verify_token}});
  return find_bool(answer, "verified").value_or(false);
}

}  // namespace waypost
