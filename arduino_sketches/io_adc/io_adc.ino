// ADC: prints the position of a potentiometer, from 0 to 4095, ten times a second.

const int POT_PIN = 4; // an analog input of an ESP32, ESP32-S3 and ESP32-C3
const int PERIOD_MS = 100;

void setup() {
  Serial.begin(115200);
}

void loop() {
  int position = analogRead(POT_PIN);
  Serial.println(position);
  delay(PERIOD_MS);
}
