#pragma once

#include "gateway/store/nodes.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class NodesReads : public virtual NodesView {
  public:
    explicit NodesReads(Connection& connection);
    Result<std::vector<Node>> list() override;
    Result<std::optional<ConfigurationChange>> change() override;

  protected:
    Connection& connection_;

  private:
    Statement list_, change_;
};

class NodesTable final : public Nodes, public NodesReads {
  public:
    explicit NodesTable(Connection& connection);
    Result<void> put(const Node& node) override;
    Result<void> remove(const std::string& id) override;
    Result<void> sweep(Timestamp before) override;
    Result<std::optional<std::uint64_t>> propose(const std::string& generation, const std::string& by, Timestamp until,
                                                 Timestamp now) override;
    Result<void> decide(std::uint64_t number, ConfigurationChange::State state, const std::string& reason) override;

  private:
    Statement put_, remove_, sweep_, propose_, decide_;
};

}  // namespace tributary::store
