// A plugin for QEMU that counts every instruction of a timed part: by path of calls, and by bytecode.
//
// QEMU translates the guest's code in blocks, which run from their first instruction to their last. The plugin is called
// at the start of each block that runs. A block in the timed part counts for the path of calls that led to it and, in
// MicroPython, for the bytecode that the interpreter has last begun. Nothing of the guest is changed, so its own
// counter of instructions reads the same with and without the plugin, and the sum of all counts is that reading.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call_path.h"
#include "config.h"
#include "index.h"
#include "qemu_plugin_api.h"
#include "riscv.h"

// The version of the interface that this is built for: QEMU refuses one that it does not know.
PLUGIN_EXPORT int qemu_plugin_version = BENCH_PLUGIN_API;

enum { NO_OPCODE = OPCODES, KINDS = KIND_FLOAT + 1 };

typedef struct {
  uint64_t address, next; // of the block, and of what follows it in memory
  uint32_t number, function;
  uint32_t instructions, bytes_loaded, bytes_stored;
  uint32_t kinds[KINDS];
  Kind last;
  bool is_handler, is_interpreter;
} Block;

typedef struct {
  uint64_t executions, taken;
} Count;

static Config config;
static Block **blocks;
static uint32_t block_count, block_room;
static char *ram; // the guest's memory in QEMU's own, once it is known

// Of the region that runs.
static bool is_counting, is_exact;
static CallPath path;
static Index by_path, by_opcode, by_pair; // (node, block), (opcode, block), (opcode, next opcode)
static Count *path_counts;
static uint64_t *opcode_counts, *pair_counts;
static uint32_t path_room, opcode_room, pair_room;
static const Block *previous;
static uint32_t previous_count; // where `previous` was counted
static uint32_t opcode;
static uint64_t opcode_address; // from where a byte was last read by the interpreter
static uint64_t wrong_opcodes;
static uint32_t regions;

static uint32_t room_for(uint32_t number, uint32_t room) { return number < room ? room : 2 * number + 1024; }

static void begin_region(void) {
  path_clear(&path);
  index_clear(&by_path);
  index_clear(&by_opcode);
  index_clear(&by_pair);
  memset(path_counts, 0, path_room * sizeof *path_counts);
  memset(opcode_counts, 0, opcode_room * sizeof *opcode_counts);
  memset(pair_counts, 0, pair_room * sizeof *pair_counts);
  previous = NULL;
  opcode = NO_OPCODE;
  wrong_opcodes = 0;
  is_counting = true;
}

static uint64_t *count_in(Index *index, uint64_t **counts, uint32_t *room, uint32_t first, uint32_t second) {
  const uint32_t number = index_of(index, first, second);
  const uint32_t needed = room_for(number, *room);
  if (needed != *room) {
    *counts = grown(*counts, *room, needed, sizeof **counts);
    *room = needed;
  }
  return &(*counts)[number];
}

static void begin_opcode(const Block *block) {
  const uint64_t offset = opcode_address - config.ram;
  const uint32_t next = ram != NULL && offset < config.ram_size ? (uint8_t)ram[offset] : 0;
  if (config.handlers[next] != block->address) { // the byte read last was not the opcode
    wrong_opcodes++;
  }
  ++*count_in(&by_pair, &pair_counts, &pair_room, opcode, next);
  opcode = next;
}

static void count_block(const Block *block) {
  if (previous != NULL && previous->last == KIND_BRANCH && previous->next != block->address) {
    path_counts[previous_count].taken++;
  }
  const Kind how = previous == NULL ? KIND_OTHER : previous->last;
  const uint64_t next = previous == NULL ? 0 : previous->next;
  const uint32_t node = path_follow(&path, how, next, block->address, block->function);
  if (block->is_handler && how == KIND_SWITCH && previous->is_interpreter) {
    begin_opcode(block);
  }
  const uint32_t number = index_of(&by_path, node, block->number);
  const uint32_t needed = room_for(number, path_room);
  if (needed != path_room) {
    path_counts = grown(path_counts, path_room, needed, sizeof *path_counts);
    path_room = needed;
  }
  path_counts[number].executions++;
  if (config.interpreter.end != 0) {
    ++*count_in(&by_opcode, &opcode_counts, &opcode_room, opcode, block->number);
  }
  previous = block;
  previous_count = number;
}

static void write_blocks(FILE *file) {
  bool *is_used = grown(NULL, 0, block_count, sizeof *is_used);
  for (uint32_t number = 0; number < by_path.count; number++) {
    is_used[index_second(&by_path, number)] = true;
  }
  for (uint32_t number = 0; number < block_count; number++) {
    const Block *block = blocks[number];
    if (is_used[number]) {
      fprintf(file, "block %x %x %x %x %x", number, block->function, block->instructions, block->bytes_loaded,
              block->bytes_stored);
      for (int kind = 0; kind < KINDS; kind++) {
        fprintf(file, " %x", block->kinds[kind]);
      }
      fprintf(file, "\n");
    }
  }
  free(is_used);
}

static uint64_t write_counts(FILE *file) {
  uint64_t instructions = 0;
  for (uint32_t node = 1; node <= path.children.count; node++) {
    fprintf(file, "node %x %x %x\n", node, path_parent(&path, node), path_function(&path, node));
  }
  for (uint32_t number = 0; number < by_path.count; number++) {
    const uint32_t block = index_second(&by_path, number);
    const Count *count = &path_counts[number];
    instructions += count->executions * blocks[block]->instructions;
    fprintf(file, "count %x %x %" PRIx64 " %" PRIx64 "\n", index_first(&by_path, number), block, count->executions,
            count->taken);
  }
  for (uint32_t number = 0; number < by_opcode.count; number++) {
    fprintf(file, "opcode %x %x %" PRIx64 "\n", index_first(&by_opcode, number), index_second(&by_opcode, number),
            opcode_counts[number]);
  }
  for (uint32_t number = 0; number < by_pair.count; number++) {
    fprintf(file, "pair %x %x %" PRIx64 "\n", index_first(&by_pair, number), index_second(&by_pair, number),
            pair_counts[number]);
  }
  return instructions;
}

static void end_region(void) {
  char staging[sizeof config.out + 8];
  is_counting = false;
  regions++;
  snprintf(staging, sizeof staging, "%s.new", config.out);
  FILE *file = fopen(staging, "w");
  if (file == NULL) {
    perror(staging);
    return;
  }
  fprintf(file, "region %x exact %x wrong_opcodes %" PRIx64 "\n", regions, is_exact, wrong_opcodes);
  write_blocks(file);
  const uint64_t instructions = write_counts(file);
  fprintf(file, "end %" PRIx64 "\n", instructions);
  const bool is_whole = fflush(file) == 0 && !ferror(file);
  if (fclose(file) != 0 || !is_whole || rename(staging, config.out) != 0) { // the reader never sees a part
    perror(config.out);
    remove(config.out);
  }
}

static void on_block(unsigned int vcpu, void *userdata) {
  (void)vcpu;
  if (is_counting) {
    count_block(userdata);
  }
}

// The reading with which the region begins belongs to it no more, the one with which it ends does: one instruction
// each, so that the difference of the readings is the number of instructions in between.
static void on_start(unsigned int vcpu, void *userdata) {
  (void)vcpu;
  (void)userdata;
  begin_region();
}

static void on_stop(unsigned int vcpu, void *userdata) {
  (void)vcpu;
  (void)userdata;
  if (is_counting) {
    end_region();
  }
}

static void on_start_or_stop(unsigned int vcpu, void *userdata) {
  if (is_counting) {
    on_stop(vcpu, userdata);
  } else {
    on_start(vcpu, userdata);
  }
}

static void on_abandon(unsigned int vcpu, void *userdata) {
  (void)vcpu;
  (void)userdata;
  is_counting = false;
}

static void on_byte_read(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *userdata) {
  (void)vcpu;
  (void)info;
  (void)userdata;
  opcode_address = address;
}

static void watch(struct qemu_plugin_insn *insn, uint64_t address, Decoded decoded) {
  qemu_plugin_vcpu_udata_cb_t callback = NULL;
  if (address == config.start) {
    callback = config.start == config.stop ? on_start_or_stop : on_start;
  } else if (address == config.stop) {
    callback = on_stop;
  } else if (address == config.abandon) {
    callback = on_abandon;
  }
  if (callback != NULL) {
    qemu_plugin_register_vcpu_insn_exec_cb(insn, callback, QEMU_PLUGIN_CB_NO_REGS, NULL);
  }
  const bool is_interpreter = address >= config.interpreter.start && address < config.interpreter.end;
  if (is_interpreter && decoded.kind == KIND_LOAD && decoded.bytes == 1) {
    // For reads and writes, though this one only reads: QEMU 7.2 mixes the two up.
    qemu_plugin_register_vcpu_mem_cb(insn, on_byte_read, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
  }
}

static void examine(Block *block, struct qemu_plugin_insn *insn) {
  const uint64_t address = qemu_plugin_insn_vaddr(insn);
  const size_t size = qemu_plugin_insn_size(insn);
  const char *code = qemu_plugin_insn_haddr(insn);
  uint32_t word = 0;
  if (code != NULL) {
    memcpy(&word, code, size <= sizeof word ? size : sizeof word);
    if (ram == NULL && address >= config.ram && address < config.ram + config.ram_size) {
      ram = (char *)code - (address - config.ram);
    }
  }
  const Decoded decoded = decode(word);
  block->instructions++;
  block->kinds[decoded.kind]++;
  block->bytes_loaded += decoded.kind == KIND_LOAD ? decoded.bytes : 0;
  block->bytes_stored += decoded.kind == KIND_STORE ? decoded.bytes : 0;
  block->last = decoded.kind;
  block->next = address + size;
  watch(insn, address, decoded);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  if (block_count == block_room) {
    blocks = grown(blocks, block_room, 2 * block_room + 1024, sizeof *blocks);
    block_room = 2 * block_room + 1024;
  }
  Block *block = grown(NULL, 0, 1, sizeof *block);
  block->number = block_count;
  blocks[block_count++] = block;
  block->address = qemu_plugin_tb_vaddr(tb);
  block->function = function_at(&config, block->address);
  block->is_interpreter = block->address >= config.interpreter.start && block->address < config.interpreter.end;
  for (uint32_t number = 0; number < OPCODES && !block->is_handler; number++) {
    block->is_handler = config.handlers[number] != 0 && config.handlers[number] == block->address;
  }
  const size_t count = qemu_plugin_tb_n_insns(tb);
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
    const uint64_t address = qemu_plugin_insn_vaddr(insn);
    examine(block, insn);
    // A region must begin and end between two blocks: QEMU ends a block with each reading of a counter.
    is_exact = is_exact && (i + 1 == count || (address != config.start && address != config.stop));
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, block);
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv) {
  (void)info;
  static const char OPTION[] = "config=";
  if (argc != 1 || strncmp(argv[0], OPTION, strlen(OPTION)) != 0) {
    fprintf(stderr, "region_profile: expected config=FILE\n");
    return 1;
  }
  if (!read_config(argv[0] + strlen(OPTION), &config)) {
    return 1;
  }
  is_exact = true;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  return 0;
}
