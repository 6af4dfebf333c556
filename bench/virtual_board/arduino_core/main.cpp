#include "Arduino.h"

int main() {
  hal_init();
  setup();
  for (;;) {
    loop();
  }
}
