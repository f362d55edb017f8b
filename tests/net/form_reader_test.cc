#include "net/form_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace waypost {
namespace {

using Event = FormReader::Event;

constexpr std::string_view kType = "multipart/form-data; boundary=\"xyz\"";

struct Read {
  std::vector<FormPart> parts;
  std::vector<std::string> values;
  Event last = Event::NeedMore;
};

// Fed `piece` bytes at a time.
Read read(std::string_view body, std::size_t piece, std::string_view type = kType) {
  auto reader = FormReader::of(type);
  Read read;
  if (!reader) return read;
  while (true) {
    read.last = reader->next();
    switch (read.last) {
      case Event::NeedMore:
        if (body.empty()) return read;
        reader->add(body.substr(0, piece));
        body.remove_prefix(std::min(piece, body.size()));
        continue;
      case Event::Begin:
        read.parts.push_back(reader->part());
        read.values.emplace_back();
        continue;
      case Event::Bytes:
        EXPECT_FALSE(reader->bytes().empty());
        read.values.back() += reader->bytes();
        continue;
      case Event::End:
        continue;
      case Event::Over:
      case Event::Malformed:
        return read;
    }
  }
}

const std::string kForm =
    "--xyz\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nvideo/mp4\r\n"
    "--xyz\r\nContent-Type: video/mp4\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a "
    "\\\"b\\\".mp4\"\r\n\r\n"
    "bytes\r\n--xy\r\n--xyz-not\r\nmore\r\n--xyz--\r\n";

TEST(FormReader, GivesEachPartWhateverThePieces) {
  for (const std::size_t piece : {1UZ, 2UZ, 3UZ, 7UZ, 64UZ, 10'000UZ}) {
    const std::string form =
        "--xyz\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nvideo/mp4\r\n--xyz\r\nContent-Type: "
        "video/mp4\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a "
        "\\\"b\\\".mp4\"\r\n\r\nbytes\r\n--xy\r\n-"
        "-x\r\n\r\nmore\r\n--xyz--\r\n";
    const auto got = read(form, piece);
    EXPECT_EQ(got.last, Event::Over) << piece;
    ASSERT_EQ(got.parts.size(), 2U) << piece;
    EXPECT_EQ(got.parts[0].name, "type");
    EXPECT_FALSE(got.parts[0].file_name);
    EXPECT_EQ(got.values[0], "video/mp4");
    EXPECT_EQ(got.parts[1].name, "file");
    EXPECT_EQ(got.parts[1].file_name, "a \"b\".mp4");
    EXPECT_EQ(got.parts[1].type, "video/mp4");
    EXPECT_EQ(got.values[1], "bytes\r\n--xy\r\n--x\r\n\r\nmore");
  }
}

TEST(FormReader, APartMayBeEmptyAndAFormToo) {
  const auto got = read("--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--xyz--", 5);
  EXPECT_EQ(got.last, Event::Over);
  ASSERT_EQ(got.values.size(), 1U);
  EXPECT_EQ(got.parts[0].name, "a");
  EXPECT_EQ(got.values[0], "");
  EXPECT_EQ(read("--xyz--\r\n", 3).last, Event::Over);
}

TEST(FormReader, WhatIsNoFormIsMalformed) {
  EXPECT_EQ(read("--xyz\r\n\r\nno name\r\n--xyz--", 4).last, Event::Malformed);
  EXPECT_EQ(read("--xyz\r\nX: y\r\n\r\nno name\r\n--xyz--", 4).last, Event::Malformed);
  EXPECT_EQ(read(kForm, 64).last, Event::Malformed) << "a delimiter with more behind it";
  EXPECT_EQ(read(std::string(20'000, 'x'), 1'000).last, Event::Malformed) << "no delimiter anywhere";
  EXPECT_EQ(read("--xyz\r\nX: " + std::string(20'000, 'x'), 1'000).last, Event::Malformed) << "a head without end";
}

TEST(FormReader, ThatBreaksOffWantsMore) {
  const std::string whole = "--xyz\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue\r\n--xyz--";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(read(whole.substr(0, size), 8).last, Event::NeedMore) << size;
  }
}

TEST(FormReader, IsOfAFormWithABoundaryAlone) {
  EXPECT_TRUE(FormReader::of("Multipart/Form-Data; charset=utf-8; boundary=abc"));
  for (const auto* type : {"multipart/form-data", "multipart/form-data; boundary=", "application/json; boundary=x", "",
                           "multipart/mixed; boundary=x"}) {
    EXPECT_FALSE(FormReader::of(type)) << type;
  }
  EXPECT_FALSE(FormReader::of("multipart/form-data; boundary=" + std::string(71, 'x')));
}

}  // namespace
}  // namespace waypost
