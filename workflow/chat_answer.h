// ChatAnswer: what the answer to a chat completion says, or why there is none and whether another try may go better.
// Pure; any thread.
//
//   200        choices[0].message.content → value.text; empty text is an answer too, which the node judges
//   400 …      ai_refused_request         for good: a model that knows no such parameter, too long a history
//   401, 403   ai_key_refused             for good
//   402        ai_quota                   for good, as a 429 with insufficient_quota: the account has no credit left
//   404        ai_no_such_model           for good: also a wrong address
//   408, 429   ai_busy                    another try, after Retry-After
//   5xx        ai_failed                  another try
//   200, but   ai_refused                 the model declined (`refusal`)
//              ai_filtered                a content filter took the answer (`finish_reason`)
//              ai_failed                  it is no chat completion

#pragma once

#include "net/http.h"
#include "workflow/outside.h"

namespace waypost::workflow {

// value: {"text", "model", "inputTokens", "outputTokens", "cut": true where the answer's length limit ended it}. A
// failure has the value too where tokens were spent. Words quote what the server says of the request, but nothing of a
// refused key, and nothing that looks like one: OpenAI repeats parts of it.
OutsideTry read_chat_answer(const Response& response);

// The failure of a call that came to no answer.
OutsideTry no_chat_answer(std::string code, std::string words, bool may_repeat);

}  // namespace waypost::workflow
