// Files that a business uploads: for its sends, and as samples of templates' headers.

#include "base/crypto.h"
#include "tests/sandbox/stage.h"

namespace waypost::sandbox {
namespace {

std::string part(const std::string& head, const std::string& value) {
  return "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + value + "\r\n";
}
std::string form(const std::string& type, const std::string& bytes) {
  return part("name=\"messaging_product\"", "whatsapp") + part("name=\"type\"", type) +
         part("name=\"file\"; filename=\"a\"\r\nContent-Type: " + type, bytes) + "--b--\r\n";
}

class Uploads : public Stage {
 protected:
  Uploads() {
    given_sandbox();
    customer_writes(customer_, "hi");
  }
  Answer upload(const std::string& body, const std::string& path = "106540352242922/media",
                const std::string& token = "sandbox-token") {
    return ask_raw("/v25.0/" + path, body,
                   {{"Authorization", "Bearer " + token}, {"Content-Type", "multipart/form-data; boundary=b"}});
  }
  std::string given_upload(const std::string& bytes = "a picture") {
    const auto answer = upload(form("image/png", bytes));
    EXPECT_EQ(answer.status, 200) << answer.text;
    return answer.body["id"];
  }
  Answer send_image(const std::string& id) {
    return send({{"to", customer_}, {"type", "image"}, {"image", {{"id", id}}}});
  }
  Json uploads() { return get("/control/uploads")["uploads"]; }
  Answer give_sample(const std::string& session, const std::string& bytes, int offset) {
    return ask_raw("/v25.0/" + session, bytes,
                   {{"Authorization", "OAuth sandbox-token"}, {"file_offset", std::to_string(offset)}});
  }
  static std::string app() { return "900000000000001"; }
};

TEST_F(Uploads, AFileThatWasUploadedCanBeSentShownAndDeleted) {
  const auto id = given_upload();
  EXPECT_EQ(send_image(id).status, 200);
  const auto shown = graph("GET", id + "?phone_number_id=" + number_);
  ASSERT_EQ(shown.status, 200);
  EXPECT_EQ(shown.body["mime_type"], "image/png");
  EXPECT_EQ(shown.body["sha256"], hex(sha256("a picture")));
  const std::string url = shown.body["url"];
  EXPECT_EQ(ask("GET", url.substr(sandbox_->url().size()), {}, "sandbox-token").text, "a picture");
  EXPECT_TRUE(uploads()[0]["kept"]);
  EXPECT_EQ(graph("DELETE", id).body, Json({{"success", true}}));
  EXPECT_FALSE(uploads()[0]["kept"]);
  EXPECT_EQ(graph("GET", id).status, 400);
  EXPECT_EQ(graph("DELETE", id).status, 400);
}

TEST_F(Uploads, TheControlShowsThem) {
  const auto id = given_upload();
  const auto shown = uploads();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0]["id"], id);
  EXPECT_EQ(shown[0]["phone_number_id"], number_);
  EXPECT_EQ(shown[0]["size"], 9);
  EXPECT_EQ(shown[0]["sha256"], hex(sha256("a picture")));
}

TEST_F(Uploads, AnIdThatMetaDoesNotKnowIsRefused) {
  EXPECT_EQ(error_code(send_image("7")), 100);
  const auto id = given_upload();
  pass(std::chrono::days(30));
  customer_writes(customer_, "still there");
  EXPECT_EQ(error_code(send_image(id)), 100) << "thirty days are over";
  const auto header =
      Json::array({{{"type", "header"}, {"parameters", Json::array({{{"type", "image"}, {"image", {{"id", "7"}}}}})}}});
  EXPECT_EQ(error_code(send_template(customer_, "hello_world", header)), 100);
}

TEST_F(Uploads, AFileOfAnotherNumberIsNotKnown) {
  post("/control/numbers",
       {{"phone_number_id", "2"}, {"display_phone_number", "15550000002"}, {"waba_id", "20"}, {"token", "t2"}});
  const auto other = upload(form("image/png", "x"), "2/media", "t2");
  ASSERT_EQ(other.status, 200) << other.text;
  EXPECT_EQ(error_code(send_image(other.body["id"])), 100);
}

TEST_F(Uploads, WhatIsMissingOrWrongIsRefused) {
  const auto file = part("name=\"file\"; filename=\"a\"\r\nContent-Type: image/png", "x");
  const auto product = part("name=\"messaging_product\"", "whatsapp");
  const auto type = part("name=\"type\"", "image/png");
  EXPECT_EQ(error_code(upload(type + file + "--b--")), 100);
  EXPECT_EQ(error_code(upload(product + file + "--b--")), 100);
  EXPECT_EQ(error_code(upload(product + type + "--b--")), 100);
  EXPECT_EQ(error_code(upload(product + type + file)), 100) << "without its end";
  EXPECT_EQ(error_code(upload(form("text/html", "<p>"))), 100);
  EXPECT_EQ(error_code(upload(form("image/png", ""))), 100);
  EXPECT_EQ(error_code(upload(form("image/png", std::string((5 << 20) + 1, 'x')))), 131053);
  EXPECT_EQ(upload(form("image/png", std::string(5 << 20, 'x'))).status, 200);
  EXPECT_EQ(upload(form("video/mp4", std::string(16 << 20, 'x'))).status, 200);
  EXPECT_EQ(error_code(upload(form("image/png", "x"), "106540352242922/media", "wrong")), 190);
  EXPECT_EQ(error_code(upload(form("image/png", "x"), waba_ + "/media")), 100);
  EXPECT_EQ(uploads().size(), 2U);
}

TEST_F(Uploads, FaultsStrikeThem) {
  fault({{"kind", "upload_error"}, {"next", 1}, {"code", 131016}});
  EXPECT_EQ(error_code(upload(form("image/png", "x"))), 131016);
  fault({{"kind", "upload_empty_500"}, {"next", 1}});
  EXPECT_EQ(upload(form("image/png", "x")).status, 500);
  fault({{"kind", "upload_drop_before"}, {"next", 1}});
  EXPECT_EQ(upload(form("image/png", "x")).status, 0);
  EXPECT_TRUE(uploads().empty());
  fault({{"kind", "upload_drop_after"}, {"next", 1}});
  EXPECT_EQ(upload(form("image/png", "x")).status, 0);
  EXPECT_EQ(uploads().size(), 1U);
  fault({{"kind", "token_invalid"}, {"next", 1}});
  EXPECT_EQ(error_code(upload(form("image/png", "x"))), 190);
  fault({{"kind", "upload_slow"}, {"next", 1}, {"ms", 30}});
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(upload(form("image/png", "x")).status, 200);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(30));
  fault({{"kind", "error"}, {"next", 1}, {"code", 131016}});
  EXPECT_EQ(upload(form("image/png", "x")).status, 200) << "a fault of sends spares uploads";
}

TEST_F(Uploads, ASampleComesInOneOrSeveralParts) {
  const auto session = graph("POST", app() + "/uploads?file_name=a.png&file_length=6&file_type=image/png");
  ASSERT_EQ(session.status, 200) << session.text;
  const std::string id = session.body["id"];
  EXPECT_TRUE(id.starts_with("upload:"));
  EXPECT_EQ(give_sample(id, "abc", 0).body["file_offset"], 3);
  EXPECT_EQ(give_sample(id, "abc", 0).body["file_offset"], 3) << "what is there already is not taken twice";
  EXPECT_EQ(graph("GET", id).body["file_offset"], 3);
  const auto whole = give_sample(id, "def", 3);
  EXPECT_EQ(whole.status, 200);
  EXPECT_TRUE(whole.body["h"].get<std::string>().starts_with("4::"));
  const auto shown = get("/control/uploads")["samples"];
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0]["handle"], whole.body["h"]);
  EXPECT_EQ(shown[0]["sha256"], hex(sha256("abcdef")));
}

TEST_F(Uploads, ASampleThatIsWrongIsRefused) {
  EXPECT_EQ(error_code(graph("POST", app() + "/uploads?file_length=6")), 100);
  EXPECT_EQ(error_code(graph("POST", app() + "/uploads?file_type=image/png&file_length=x")), 100);
  EXPECT_EQ(error_code(graph("POST", number_ + "/uploads?file_type=image/png&file_length=6")), 100);
  const auto session = graph("POST", app() + "/uploads?file_type=image/png&file_length=2");
  EXPECT_EQ(error_code(give_sample(session.body["id"], "abc", 0)), 100);
}

}  // namespace
}  // namespace waypost::sandbox
