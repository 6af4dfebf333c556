// UART echo: sends back each byte that arrives.

const int RX_PIN = 4;
const int TX_PIN = 5;
const int BAUD = 9600;

void setup() {
  Serial1.begin(BAUD, SERIAL_8N1, RX_PIN, TX_PIN);
}

void loop() {
  if (Serial1.available() > 0) {
    Serial1.write(Serial1.read());
  }
}
