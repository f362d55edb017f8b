#include "base/thread.h"

#include <pthread.h>
#include <sys/resource.h>

#include <string>

namespace waypost {
namespace {

constexpr int kBehind = 0;              // nice; about a twenty-eighth of a usual thread's share
constexpr std::size_t kNameLength = 15;  // the kernel's limit, without the closing NUL

}  // namespace

// On Linux a nice value belongs to a thread, and 0 names the calling one.
void name_this_thread(std::string_view name, Priority priority) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, kNameLength)).c_str());
  if (priority == Priority::Behind) setpriority(PRIO_PROCESS, 0, kBehind);
}

}  // namespace waypost
