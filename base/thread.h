// What a thread is called and how it stands behind others. Any thread, about itself.

#pragma once

#include <string_view>

namespace waypost {

// When the processor is short, acknowledging comes first: what is in the journal can be applied later, what Meta is not
// answered in time comes again. The others get what those leave, and all of it when those are idle: `Behind` threads,
// which see what is to be done, before the `Last` ones, which do the most of it.
enum class Priority { Usual, Behind, Last };

// The name shows in `top -H` (15 characters).
void name_this_thread(std::string_view name, Priority priority = Priority::Usual);

}  // namespace waypost
