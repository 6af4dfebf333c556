// I2C scan: prints the address of each device on the bus, every five seconds.

#include <Wire.h>

const int SDA_PIN = 4;
const int SCL_PIN = 5;
const int FREQUENCY = 100000; // Hz
const int PERIOD_MS = 5000;

void setup() {
  Serial.begin(115200);
  Wire.begin(SDA_PIN, SCL_PIN, FREQUENCY);
}

void loop() {
  for (int address = 0x08; address < 0x78; address++) { // the others are reserved
    Wire.beginTransmission(address);
    if (Wire.endTransmission() == 0) {
      Serial.print("0x");
      Serial.println(address, HEX);
    }
  }
  delay(PERIOD_MS);
}
