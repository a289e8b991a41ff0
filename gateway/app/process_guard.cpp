#include "gateway/app/process_guard.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace tributary::app {

void guard_process() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace tributary::app
