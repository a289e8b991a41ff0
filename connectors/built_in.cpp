#include "connectors/built_in.hpp"

#include "connectors/data/sql/sql.hpp"

namespace tributary::connectors {

void add_built_in(connector::Registry& registry) {
    registry.add("sql", make_sql);
}

}  // namespace tributary::connectors
