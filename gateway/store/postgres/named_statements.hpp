// Whether statements are prepared by name, which lasts as long as a session. A pooler that gives each transaction
// another session loses them, so where something stands between, `automatic` sends each statement's text with its
// values.
#pragma once

namespace tributary::store {

enum class NamedStatements { automatic, never };

}  // namespace tributary::store
