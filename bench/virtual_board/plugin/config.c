#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "index.h"

static void add_function(Config *config, Range range) {
  const uint32_t count = config->function_count++;
  if ((count & (count - 1)) == 0) { // a power of two, or none: the room is used up
    config->functions = grown(config->functions, count, count == 0 ? 1 : 2 * count, sizeof *config->functions);
  }
  config->functions[count] = range;
}

static bool read_line(const char *line, Config *config) {
  uint64_t first, second;
  uint32_t number;
  Range range = {0, 0, 0};
  if (sscanf(line, "out %4095[^\n]", config->out) == 1) {
    return true;
  }
  if (sscanf(line, "ram %" SCNx64 " %" SCNx64, &first, &second) == 2) {
    config->ram = first;
    config->ram_size = second;
    return true;
  }
  if (sscanf(line, "start %" SCNx64, &config->start) == 1 || sscanf(line, "stop %" SCNx64, &config->stop) == 1 ||
      sscanf(line, "abandon %" SCNx64, &config->abandon) == 1) {
    return true;
  }
  if (sscanf(line, "interpreter %" SCNx64 " %" SCNx64, &config->interpreter.start, &config->interpreter.end) == 2) {
    return true;
  }
  if (sscanf(line, "handler %" SCNx32 " %" SCNx64, &number, &first) == 2 && number < OPCODES) {
    config->handlers[number] = first;
    return true;
  }
  if (sscanf(line, "function %" SCNx64 " %" SCNx64 " %" SCNx32, &range.start, &range.end, &range.id) == 3) {
    add_function(config, range);
    return true;
  }
  return false;
}

bool read_config(const char *path, Config *config) {
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return false;
  }
  char line[8192];
  bool is_right = true;
  while (is_right && fgets(line, sizeof line, file) != NULL) {
    is_right = read_line(line, config);
  }
  fclose(file);
  is_right = is_right && config->out[0] != '\0' && config->ram_size > 0 && config->start != 0 && config->stop != 0;
  if (!is_right) {
    fprintf(stderr, "region_profile: %s is not a configuration that this plugin understands\n", path);
  }
  return is_right;
}

uint32_t function_at(const Config *config, uint64_t address) {
  uint32_t low = 0, high = config->function_count;
  while (low < high) { // the first range that ends behind the address
    const uint32_t middle = low + (high - low) / 2;
    if (config->functions[middle].end <= address) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const bool is_inside = low < config->function_count && config->functions[low].start <= address;
  return is_inside ? config->functions[low].id : UNKNOWN_FUNCTION;
}
