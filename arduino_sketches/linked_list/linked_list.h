// linked_list: build a linked list of n nodes, each an object of its own, then walk along it: memory in small pieces.
#pragma once

#include <Bench.h>
#include <stdlib.h>

namespace linked_list {

static uint32_t length;
static uint32_t first;

// An element of the list.
struct Node {
  uint32_t value;
  Node *next;

  BENCH_NOINLINE void init(uint32_t value, Node *next) {
    this->value = value;
    this->next = next;
  }
};

// Returns the first node of a list whose values are the low twelve bits of an arithmetic sequence, last one first.
static BENCH_NOINLINE Node *build(uint32_t length, uint32_t first) {
  Node *head = nullptr;
  for (uint32_t i = 0; i < length; i++) {
    Node *node = bench::take<Node>(1);
    node->init((i * 7 + first) & 0xFFF, head);
    head = node;
  }
  return head;
}

// Returns the sum of the values along the list.
static BENCH_NOINLINE uint32_t walk(const Node *head) {
  uint32_t total = 0;
  const Node *node = head;
  while (node != nullptr) {
    total += node->value;
    node = node->next;
  }
  return total;
}

static void setup(uint32_t n, uint32_t seed) {
  length = n;
  first = seed & 0xFFF;
}

static uint32_t run() {
  Node *head = build(length, first);
  uint32_t total = walk(head);
  while (head != nullptr) { // in MicroPython the garbage collector does that
    Node *next = head->next;
    free(head);
    head = next;
  }
  return total;
}

static uint32_t checksum(uint32_t result) { return result; }

} // namespace linked_list

BENCH_WORKLOAD(linked_list)
