// The program itself: sandbox/sandbox_main.cc.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/sandbox_process.h"

namespace waypost::sandbox {
namespace {

TEST(Program, PrintsItsUrlServesAndEndsBySigterm) {
  SandboxProcess program({"--token", "secret-token", "--read-after-ms", "3"});
  EXPECT_TRUE(program.url().starts_with("http://127.0.0.1:")) << program.url();
  EXPECT_EQ(program.get("/control/numbers")["numbers"][0]["token"], "secret-token");
  EXPECT_EQ(program.get("/control/settings")["read_after_ms"], 3);
  EXPECT_FALSE(program.customer_writes("+16505551234", "hi").empty());
  EXPECT_FALSE(program.set_webhook("http://127.0.0.1:1/", "token"));
  EXPECT_EQ(program.stop(), 0);
}

TEST(Program, ReadsItsStageFromAFile) {
  const auto file = std::filesystem::temp_directory_path() / ("sandbox-" + std::to_string(::getpid()) + ".json");
  std::ofstream(file) << R"({"numbers": [{"phone_number_id": "1", "waba_id": "2"}, {"phone_number_id": "3"}],
                             "templates": [{"waba_id": "2", "name": "offer", "body": "x"}],
                             "settings": {"window_refusal": "at_once"},
                             "faults": [{"kind": "delay", "next": 1, "ms": 5}]})";
  SandboxProcess program({"--config", file.string()});
  std::filesystem::remove(file);
  EXPECT_EQ(program.get("/control/numbers")["numbers"].size(), 2U);
  EXPECT_EQ(program.get("/control/templates")["templates"].size(), 3U);
  EXPECT_EQ(program.get("/control/settings")["window_refusal"], "at_once");
  EXPECT_EQ(program.get("/control/faults")["faults"].size(), 1U);
}

}  // namespace
}  // namespace waypost::sandbox
