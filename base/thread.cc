#include "base/thread.h"

#include <pthread.h>
#include <sys/resource.h>

#include <string>

namespace waypost {
namespace {

// Nice values: about a ninth of a usual thread's share, and a twenty-eighth.
constexpr int kBehind = 10;
constexpr int kLast = 15;
constexpr std::size_t kNameLength = 15;  // the kernel's limit, without the closing NUL

}  // namespace

// On Linux a nice value belongs to a thread, and 0 names the calling one.
void name_this_thread(std::string_view name, Priority priority) {
  pthread_setname_np(pthread_self(), std::string(name.substr(0, kNameLength)).c_str());
  if (priority == Priority::Behind) setpriority(PRIO_PROCESS, 0, kBehind);
  if (priority == Priority::Last) setpriority(PRIO_PROCESS, 0, kLast);
}

}  // namespace waypost
