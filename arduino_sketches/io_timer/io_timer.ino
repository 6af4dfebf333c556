// Timer: calls a function each second, and prints how often it was called.

const int PERIOD_MS = 1000;

hw_timer_t *timer = nullptr;
volatile int ticks = 0; // changed by the interrupt
int shown = 0;

void IRAM_ATTR on_timer() {
  ticks = ticks + 1;
}

void setup() {
  Serial.begin(115200);
  timer = timerBegin(0, 80, true); // of 80 MHz: counts microseconds
  timerAttachInterrupt(timer, &on_timer, true);
  timerAlarmWrite(timer, PERIOD_MS * 1000, true);
  timerAlarmEnable(timer);
}

void loop() {
  if (ticks != shown) {
    shown = ticks;
    Serial.println(shown);
  }
}
