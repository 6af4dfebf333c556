// PWM: fades a LED up and down, one second each.

const int LED_PIN = 2; // the LED of many ESP32 boards
const int CHANNEL = 0;
const int FREQUENCY = 5000; // Hz
const int RESOLUTION = 10;  // bits: duties up to 1023
const int MAX_DUTY = 1000;
const int STEP = 10;
const int STEP_MS = 10;

void setup() {
  ledcSetup(CHANNEL, FREQUENCY, RESOLUTION);
  ledcAttachPin(LED_PIN, CHANNEL);
}

void loop() {
  for (int duty = 0; duty < MAX_DUTY; duty += STEP) {
    ledcWrite(CHANNEL, duty);
    delay(STEP_MS);
  }
  for (int duty = MAX_DUTY; duty > 0; duty -= STEP) {
    ledcWrite(CHANNEL, duty);
    delay(STEP_MS);
  }
}
