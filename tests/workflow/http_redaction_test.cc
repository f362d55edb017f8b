#include "workflow/http_redaction.h"

#include <gtest/gtest.h>

namespace waypost::workflow {
namespace {

TEST(SecretNames, AreKnownHoweverTheyAreWritten) {
  for (const char* name :
       {"Authorization", "proxy-authorization", "Cookie", "Set-Cookie", "X-API-Key", "x-auth-token", "access_token",
        "clientSecret", "api_key", "apikey", "PASSWORD", "user_password", "pwd", "X-Hub-Signature-256", "sessionId"}) {
    EXPECT_TRUE(names_secret(name)) << name;
  }
  for (const char* name :
       {"accept", "content-type", "author", "name", "x-request-id", "compass", "cookies-eaten", ""}) {
    EXPECT_FALSE(names_secret(name)) << name;
  }
}

TEST(RedactedUrl, HidesTheUserAndSecretParameters) {
  EXPECT_EQ(redacted_url("https://h/a?b=c&d"), "https://h/a?b=c&d");
  EXPECT_EQ(redacted_url("https://me:pw@h:1/a"), "https://***@h:1/a");
  EXPECT_EQ(redacted_url("https://a@b@h/"), "https://***@h/");
  EXPECT_EQ(redacted_url("https://h/mail@x?to=a@b"), "https://h/mail@x?to=a@b");
  EXPECT_EQ(redacted_url("https://h/?access_token=x&a=1&api%5Fkey=y#f"),
            "https://h/?access_token=***&a=1&api%5Fkey=***#f");
  EXPECT_EQ(redacted_url("https://h/?token="), "https://h/?token=***");
  EXPECT_EQ(redacted_url("https://h?%zz=1&token=a=b"), "https://h?%zz=1&token=***");
  EXPECT_EQ(redacted_url("not a url?key=1"), "not a url?key=***");
  EXPECT_EQ(redacted_url(""), "");
}

TEST(RedactedHeaders, HideWhatSignsIn) {
  EXPECT_EQ(redacted_headers({{"Accept", "a"}, {"accept", "b"}, {"Authorization", "Bearer x"}, {"X-Api-Key", "k"}}),
            Json({{"accept", "a, b"}, {"authorization", "***"}, {"x-api-key", "***"}}));
  EXPECT_EQ(redacted_header_object(Json{{"set-cookie", "a=b"}, {"location", "https://h/?token=x"}, {"etag", "1"}}),
            Json({{"set-cookie", "***"}, {"location", "https://h/?token=***"}, {"etag", "1"}}));
  EXPECT_EQ(redacted_header_object(Json(7)), Json(7));
}

TEST(RedactedJson, HidesMembersAtAnyDepth) {
  const auto json = Json::parse(R"({"user":"me","password":"x","list":[{"apiKey":{"a":1}},{"b":[1,"key"]}],
                                    "token":null,"deep":{"secret":7}})");
  EXPECT_EQ(redacted_json(json), Json::parse(R"({"user":"me","password":"***","list":[{"apiKey":"***"},
                                                 {"b":[1,"key"]}],"token":null,"deep":{"secret":"***"}})"));
}

TEST(RedactedBody, ReadsJsonAndForms) {
  EXPECT_EQ(redacted_body(R"( {"token":"x"})"), Json({{"token", "***"}}));
  EXPECT_EQ(redacted_body("grant=a&client_secret=s%20t&x=1"), "grant=a&client_secret=***&x=1");
  EXPECT_EQ(redacted_body("{not json"), "{not json");
  EXPECT_EQ(redacted_body("a text, token=x"), "a text, token=x");
  EXPECT_EQ(redacted_body(""), "");
}

TEST(KeptBody, IsCutBetweenCharacters) {
  EXPECT_EQ(kept_body(Json({{"a", 1}}), 7).body, Json({{"a", 1}}));
  EXPECT_FALSE(kept_body(Json({{"a", 1}}), 7).is_cut);
  EXPECT_EQ(kept_body(Json({{"a", 1}}), 6).body, Json("{\"a\":1"));
  EXPECT_TRUE(kept_body(Json({{"a", 1}}), 6).is_cut);
  EXPECT_EQ(kept_body("aéé", 4).body, "aé");
  EXPECT_EQ(kept_body(nullptr, 16).body, Json());
}

}  // namespace
}  // namespace waypost::workflow
