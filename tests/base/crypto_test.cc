#include "base/crypto.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace waypost {
namespace {

Keyring keyring(std::string sealing) {
  return Keyring({{"old", Secret(std::string(32, 'o'))}, {"new", Secret(std::string(32, 'n'))}}, std::move(sealing));
}

// RFC 4231, test case 2.
TEST(Crypto, HmacIsTheStandards) {
  EXPECT_EQ(hex(hmac_sha256(Secret("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Crypto, Base64GoesBothWays) {
  for (const std::string& text :
       {std::string(), std::string("f"), std::string("fo"), std::string("foob"), std::string("\0\xff", 2)}) {
    EXPECT_EQ(*from_base64(base64(text)), text);
  }
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  for (const char* wrong : {"Zg", "Zg=", "Z===", "Zm9v!g==", "Zg==Zg=="}) EXPECT_FALSE(from_base64(wrong)) << wrong;
}

TEST(Crypto, HexRefusesWhatIsNoHex) {
  EXPECT_EQ(from_hex("00ff"), std::string("\0\xff", 2));
  EXPECT_EQ(from_hex("0"), "");
  EXPECT_EQ(from_hex("zz"), "");
  EXPECT_EQ(from_hex("+1"), "");
}

TEST(Crypto, APasswordVerifiesOnlyItself) {
  const auto hashed = hash_password(Secret("correct horse"));
  EXPECT_TRUE(verify_password(Secret("correct horse"), hashed));
  EXPECT_FALSE(verify_password(Secret("correct horsf"), hashed));
  EXPECT_FALSE(verify_password(Secret("correct horse"), ""));
  EXPECT_FALSE(verify_password(Secret(""), "scrypt$15$8$1$$"));
  EXPECT_NE(hashed, hash_password(Secret("correct horse")));
}

TEST(Crypto, SealedTextOpensForItsPurposeOnly) {
  const auto sealed = keyring("new").seal(Secret("token"), "channel.access_token");
  EXPECT_EQ(sealed.find("token"), std::string::npos);
  EXPECT_EQ(keyring("new").open(sealed, "channel.access_token")->reveal(), "token");
  EXPECT_FALSE(keyring("new").open(sealed, "webhook_app.secret"));
}

TEST(Crypto, AnOldKeyStillOpens) {
  const auto sealed = keyring("old").seal(Secret("token"), "p");
  EXPECT_EQ(keyring("new").open(sealed, "p")->reveal(), "token");
}

TEST(Crypto, EveryChangedByteIsNoticed) {
  const auto sealed = keyring("new").seal(Secret("token"), "p");
  for (std::size_t at = 4; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const auto opened = keyring("new").open(changed, "p");
    EXPECT_TRUE(!opened || opened->reveal() == "token") << at;  // padding bits carry nothing
  }
  EXPECT_FALSE(keyring("new").open("new.", "p"));
  EXPECT_FALSE(keyring("new").open("gone." + sealed.substr(4), "p"));
}

TEST(Crypto, AKeyFileIsMadeOnceAndForItsOwnerOnly) {
  std::string folder = (std::filesystem::temp_directory_path() / "waypost-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto path = folder + "/store.key";
  const auto sealed = Keyring::load_or_create(path)->seal(Secret("token"), "p");
  EXPECT_EQ(Keyring::load_or_create(path)->open(sealed, "p")->reveal(), "token");
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  std::ofstream(path) << "k1:1234\n";
  EXPECT_FALSE(Keyring::load_or_create(path));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace waypost
