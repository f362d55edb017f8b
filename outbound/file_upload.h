// FileUpload: brings one file of ours to Meta, so that the head of a stream may be sent with it. Loop only.
//
// It goes before the commit that begins a send: the message stays queued meanwhile, and whoever dies over it leaves
// nothing but, at most, a file at Meta that nobody names. A file that several messages of one number wait for is
// uploaded by one of them; the others come again soon, or when Meta has said that it may be tried again.

#pragma once

#include "outbound/attempt.h"
#include "store/files_at_meta.h"

namespace waypost {

class FileUpload {
 public:
  // `view` has a head to post, with channel; `file` is of it and is ours. Both outlive the upload.
  FileUpload(SenderState& state, const store::SendView& view, const store::SendFile& file)
      : state_(state),
        view_(view),
        upload_(*file.upload),
        key_(view.channel->id.text() + hex(upload_.hash) + upload_.mime_type) {}

  awaitable<Result<Next>> run();

 private:
  awaitable<Result<Next>> bring();
  awaitable<Result<Next>> keep(std::string meta_id);
  awaitable<Result<Next>> settle(Refused refused);
  awaitable<Result<Next>> give_up(store::Failure why);
  template <class Unit>
  awaitable<Result<Next>> written(Unit unit);

  SenderState& state_;
  const store::SendView& view_;
  const store::Upload& upload_;
  const std::string key_;  // of SenderState::uploads
};

}  // namespace waypost
