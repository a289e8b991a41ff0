// Parameters of statements, as libpq sends them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tributary::store {

// Parameters as they travel.
struct PostgresValues {
    std::vector<const char*> data;
    std::vector<int> lengths, formats;
};

// Parameters of several runs of one statement, copied.
class PostgresRuns {
  public:
    void add(const PostgresValues& values);
    void clear();
    std::size_t size() const { return runs_; }
    // Those of one run; they live as long as nothing is added.
    void read(std::size_t run, PostgresValues& into) const;

  private:
    struct Cell {
        std::size_t at = 0;
        int length = 0, format = 0;
        bool null = false;
    };
    std::string bytes_;
    std::vector<Cell> cells_;
    std::size_t runs_ = 0;
};

}  // namespace tributary::store
