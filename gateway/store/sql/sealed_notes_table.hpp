// Sealed notes: the tables themselves belong to others.
#pragma once

#include <array>

#include "gateway/store/sealed_notes.hpp"
#include "gateway/store/sql/statement.hpp"

namespace tributary::store {

class SealedNotesReads : public virtual SealedNotesView {
  public:
    explicit SealedNotesReads(Connection& connection);
    Result<std::vector<SealedNote>> sealed_with(const Uid& key, std::size_t limit) override;
    Result<std::uint64_t> count_sealed_with(const Uid& key) override;

  private:
    Statement notes_, reaches_, count_;
};

class SealedNotesTable final : public SealedNotes, public SealedNotesReads {
  public:
    explicit SealedNotesTable(Connection& connection);
    Result<bool> reseal(const SealedNote& read, std::string_view sealed) override;

  private:
    Statement totp_, totp_next_, approval_, answer_, reach_;
};

}  // namespace tributary::store
