#include "queue/redis_protocol.h"

#include <hiredis/hiredis.h>

#include <new>

namespace waypost {

namespace {

struct FreeReply {
  void operator()(redisReply* reply) const noexcept { freeReplyObject(reply); }
};

RedisValue owned(const redisReply& reply) {
  RedisValue value;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      value.kind = RedisValue::Kind::Integer;
      value.integer = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      value.kind = RedisValue::Kind::Text;
      value.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ERROR:
      value.kind = RedisValue::Kind::Error;
      value.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      value.kind = RedisValue::Kind::Array;
      value.items.reserve(reply.elements);
      for (std::size_t i = 0; i < reply.elements; ++i) value.items.push_back(owned(*reply.element[i]));
      break;
    default:
      break;
  }
  return value;
}

}  // namespace

std::string formatted(const RedisWords& words) {
  std::vector<const char*> at;
  std::vector<std::size_t> size;
  for (const auto& word : words) {
    at.push_back(word.data());
    size.push_back(word.size());
  }
  char* text = nullptr;
  const int length = redisFormatCommandArgv(&text, static_cast<int>(words.size()), at.data(), size.data());
  if (length < 0) throw std::bad_alloc();
  std::string whole(text, static_cast<std::size_t>(length));
  redisFreeCommand(text);
  return whole;
}

void ReplyReader::Free::operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_(redisReaderCreate()) {
  if (!reader_) throw std::bad_alloc();
  reader_->maxbuf = 0;  // keep the buffer between replies
}

Result<std::vector<RedisValue>> ReplyReader::feed(std::string_view bytes) {
  std::vector<RedisValue> replies;
  if (redisReaderFeed(reader_.get(), bytes.data(), bytes.size()) != REDIS_OK) {
    return fail(ErrorKind::Unavailable, std::string("Redis: ") + reader_->errstr);
  }
  while (true) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) {
      return fail(ErrorKind::Unavailable, std::string("Redis: ") + reader_->errstr);
    }
    if (raw == nullptr) return replies;
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
    replies.push_back(owned(*reply));
  }
}

}  // namespace waypost
