// The files of ours that a message names, as far as sending it is concerned. Pure; any thread.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/files_at_meta.h"

namespace waypost {

// The first that is not at Meta (yet, or any more); null when all are, or the message names none.
const store::SendFile* first_to_bring(const std::vector<store::SendFile>& files);

// Meta's ids by what the content names.
std::map<std::string, std::string> ids_of_meta(const std::vector<store::SendFile>& files);

// Meta may have lost one of them: it was uploaded before the message was made, or some time before this attempt. One
// that was uploaded for this very message is none: so that a message is not uploaded for again and again.
bool may_be_lost(const std::vector<store::SendFile>& files, const store::Message& begun);

}  // namespace waypost
