#include "api/upload_body.h"

#include "api/answers.h"
#include "base/text.h"

namespace waypost::api {
namespace {

constexpr std::size_t kNameCharacters = 240;

// What comes as bytes of a header may be percent-encoded UTF-8.
std::optional<std::string> decoded(std::string_view text) {
  auto plain = percent_decoded(text, false);
  return plain ? std::move(plain) : std::string(text);
}

std::optional<std::string> name_in_disposition(std::string_view header) {
  constexpr std::string_view kKey = "filename=";
  const auto at = lower_ascii(header).find(kKey);
  if (at == std::string::npos) return std::nullopt;
  auto rest = header.substr(at + kKey.size());
  if (!rest.starts_with('"')) return std::string(trimmed(rest.substr(0, rest.find(';'))));
  rest.remove_prefix(1);
  return std::string(rest.substr(0, rest.find('"')));
}

// As a row keeps it.
std::optional<std::string> kept_name(std::optional<std::string> name) {
  if (!name) return std::nullopt;
  const auto bare = trimmed(std::string_view(*name).substr(name->find_last_of("/\\") + 1));
  std::string kept(first_characters(storable_text(bare), kNameCharacters));
  std::erase_if(kept, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (kept.empty()) return std::nullopt;
  return kept;
}

}  // namespace

std::optional<std::string> said_name(const RequestHead& head) {
  if (const auto name = head.query_value("filename")) return kept_name(std::string(*name));
  if (const auto name = head.headers.find("X-File-Name")) return kept_name(decoded(*name));
  const auto disposition = head.headers.find("Content-Disposition");
  return disposition ? kept_name(name_in_disposition(*disposition)) : std::nullopt;
}

UploadBody::UploadBody(const RequestHead& head, BodyReader& body) : body_(body), said_{.name = said_name(head)} {
  const auto type = head.headers.find("Content-Type").value_or("");
  form_ = FormReader::of(type);
  if (!form_) said_.type = type;
}

awaitable<Result<std::string_view>> UploadBody::next() {
  if (form_) co_return co_await next_of_form();
  co_return co_await body_.read();
}

// Of the file's own part only the bytes are handed on; other parts are read and dropped.
awaitable<Result<std::string_view>> UploadBody::next_of_form() {
  while (true) {
    switch (form_->next()) {
      case FormReader::Event::NeedMore: {
        const auto piece = co_await body_.read();
        if (!piece) co_return fail(piece.error());
        if (piece->empty()) co_return invalid("file", "The form ends in its middle");
        form_->add(*piece);
        continue;
      }
      case FormReader::Event::Begin:
        if (auto fine = begin_part(); !fine) co_return fail(std::move(fine).error());
        continue;
      case FormReader::Event::Bytes:
        if (in_file_) co_return form_->bytes();
        continue;
      case FormReader::Event::End:
        in_file_ = false;
        continue;
      case FormReader::Event::Over: {
        if (!had_file_) co_return invalid("file", "The form has no part named file");
        const auto rest = co_await body_.read();
        if (!rest) co_return fail(rest.error());
        if (rest->empty()) co_return std::string_view();
        continue;
      }
      case FormReader::Event::Malformed:
        co_return invalid("file", "The form is malformed");
    }
  }
}

Result<void> UploadBody::begin_part() {
  const auto& part = form_->part();
  in_file_ = part.name == "file";
  if (!in_file_) return {};
  if (had_file_) return invalid("file", "One file at a time");
  had_file_ = true;
  said_.type = part.type;
  if (!said_.name) said_.name = kept_name(part.file_name);
  return {};
}

}  // namespace waypost::api
