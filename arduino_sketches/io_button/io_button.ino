// Button: each press switches the LED over.

const int BUTTON_PIN = 4;   // the button connects it to ground
const int LED_PIN = 2;      // the LED of many ESP32 boards
const int DEBOUNCE_MS = 20; // longer than contacts bounce

int last_level = HIGH;
int led_level = LOW;

void setup() {
  pinMode(BUTTON_PIN, INPUT_PULLUP);
  pinMode(LED_PIN, OUTPUT);
}

void loop() {
  int level = digitalRead(BUTTON_PIN);
  if (level != last_level) {
    last_level = level;
    if (level == LOW) {
      led_level = 1 - led_level;
      digitalWrite(LED_PIN, led_level);
    }
  }
  delay(DEBOUNCE_MS);
}
