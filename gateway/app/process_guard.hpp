// What keeps the memory of this process to itself.
#pragma once

namespace tributary::app {

// No core dumps, and no other process of the same user reads our memory, environment or descriptors. For the start of
// main(). What the kernel does not grant is left as it is.
void guard_process();

}  // namespace tributary::app
